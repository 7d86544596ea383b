// The child's side of fer_core/evaluation/external/node_network.py: a line of JSON for each line.
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const SIDE = 48;

// Standard output belongs to the answers; packages print on their way.
console.log = console.info = console.debug = console.warn = console.error;

export const require = createRequire(import.meta.url);

/** A file or folder of an installed package, whether the package exports it or not. */
export function inside(name, ...parts) {
  const here = path.dirname(fileURLToPath(import.meta.url));
  return path.join(here, 'node_modules', ...name.split('/'), ...parts);
}

function say(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/**
 * Open a network and answer until there are no more questions.
 *
 * @param open gives { labels, read }: the names of the classes, and an asynchronous function from
 *   pixels (n * SIDE * SIDE bytes, grey) and n to an array of n arrays of probabilities.
 */
export async function serve(open) {
  try {
    const { labels, read } = await open();
    say({ labels });
    for await (const line of createInterface({ input: process.stdin })) {
      const pixels = Buffer.from(JSON.parse(line).pixels, 'base64');
      const begin = performance.now();
      const probabilities = await read(pixels, pixels.length / SIDE ** 2);
      say({ probabilities, ms: performance.now() - begin });
    }
  } catch (error) {
    say({ error: String(error?.message ?? error) });
    process.exitCode = 1;
  }
}
