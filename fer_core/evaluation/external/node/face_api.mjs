// The network behind face-api's withFaceExpressions, through its own entrance: predictExpressions
// enlarges to 112x112, subtracts its mean colour and ends in a softmax.
import { SIDE, inside, require, serve } from './serve.mjs';

await serve(async () => {
  const wasm = require('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(`${inside('@tensorflow/tfjs-backend-wasm', 'dist')}/`);
  const faceapi = require('@vladmandic/face-api/dist/face-api.node-wasm.js');
  const { tf } = faceapi;
  await tf.setBackend('wasm');
  await tf.ready();
  const network = faceapi.nets.faceExpressionNet;
  await network.loadFromDisk(inside('@vladmandic/face-api', 'model'));
  const labels = Object.keys(new faceapi.FaceExpressions(new Array(7).fill(0)));
  return {
    labels,
    async read(pixels, n) {
      // It takes many faces as a list only, each in colour.
      const faces = tf.tidy(() =>
        tf.unstack(tf.tile(tf.tensor4d(pixels, [n, SIDE, SIDE, 1], 'int32'), [1, 1, 1, 3])));
      const found = await network.predictExpressions(faces);
      tf.dispose(faces);
      return found.map((face) => labels.map((label) => face[label]));
    },
  };
});
