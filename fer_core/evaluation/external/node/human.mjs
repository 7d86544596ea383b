// The network behind human's face.emotion. Its public way rounds to two decimals and takes one face
// at a time; this is src/gear/emotion.ts without these: 64x64 grey pixels from -1 to 1.
import { readFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { SIDE, inside, require, serve } from './serve.mjs';

// Its build for node fetches models, which node does from servers only; here nothing leaves the disk.
globalThis.fetch = async (url) => new Response(await readFile(fileURLToPath(url)));

const LABELS = ['angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral'];

await serve(async () => {
  const { Human } = require(inside('@vladmandic/human', 'dist', 'human.node-wasm.js'));
  const off = { enabled: false };
  const human = new Human({
    backend: 'wasm',
    wasmPath: `${inside('@tensorflow/tfjs-backend-wasm', 'dist')}/`,
    modelBasePath: `${pathToFileURL(inside('@vladmandic/human', 'models'))}/`,
    face: {
      enabled: true, emotion: { enabled: true }, detector: off, mesh: off, iris: off,
      attention: off, description: off, antispoof: off, liveness: off,
    },
    body: off, hand: off, object: off, gesture: off, segmentation: off,
  });
  await human.init();
  await human.load();
  const { tf } = human;
  const network = human.models.models.emotion;
  const [, height, width, channels] = network.inputs[0].shape;
  if (channels !== 1) throw new Error('the emotion network takes colour: not the one known here');
  return {
    labels: LABELS,
    async read(pixels, n) {
      const answers = tf.tidy(() => {
        const faces = tf.div(tf.tensor4d(pixels, [n, SIDE, SIDE, 1], 'float32'), 255);
        const resized = tf.image.resizeBilinear(faces, [height, width], false);
        return network.execute(tf.mul(tf.sub(resized, 0.5), 2));
      });
      const found = await answers.array();
      tf.dispose(answers);
      return found;
    },
  };
});
