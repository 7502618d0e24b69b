// Loads entries in both ways and says what they export, or which package they miss.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const outcome = async load => {
  try {
    return Object.keys(await load()).filter(name => name !== '__esModule').sort();
  } catch (error) {
    return `${error.code}: ${error.message.split('\n')[0]}`;
  }
};
const loaded = {};
for (const entry of process.argv.slice(2)) loaded[entry] = { import: await outcome(() => import(entry)), require: await outcome(() => require(entry)) };
console.log(JSON.stringify(loaded));
