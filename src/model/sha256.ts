import { bigEndian, padded } from "./sha1.ts";

const primes: number[] = [];
for (let candidate = 2; primes.length < 64; candidate++) {
  if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
}

/** First 32 bits of the fractional part, exact: the root of prime·2^shift by integer Newton iteration. */
function fraction(prime: number, root: 2 | 3): number {
  const power = BigInt(root);
  const target = BigInt(prime) << (32n * power);
  let guess = 1n << 40n;
  for (;;) {
    const next = ((power - 1n) * guess + target / guess ** (power - 1n)) / power;
    if (next >= guess) break;
    guess = next;
  }
  return Number(guess & 0xffffffffn);
}

const initial = Uint32Array.from(primes.slice(0, 8), (prime) => fraction(prime, 2));
const constants = Uint32Array.from(primes, (prime) => fraction(prime, 3));

/** SHA-256 (FIPS 180-4) of a message: 32 bytes. For capability SIDs only. */
export function sha256(message: Uint8Array): Uint8Array {
  const h = initial.slice();
  const words = new Uint32Array(64);
  const rotate = (value: number, count: number) => (value >>> count) | (value << (32 - count));
  const at = (list: Uint32Array, index: number) => list[index] ?? 0;
  const blocks = padded(message);
  for (let offset = 0; offset < blocks.byteLength; offset += 64) {
    for (let t = 0; t < 16; t++) words[t] = blocks.getUint32(offset + t * 4);
    for (let t = 16; t < 64; t++) {
      const [early, late] = [at(words, t - 15), at(words, t - 2)];
      const s0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
      const s1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
      words[t] = at(words, t - 16) + s0 + at(words, t - 7) + s1;
    }
    let [a, b, c, d, e, f, g, last] = [at(h, 0), at(h, 1), at(h, 2), at(h, 3), at(h, 4), at(h, 5), at(h, 6), at(h, 7)];
    for (let t = 0; t < 64; t++) {
      const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
      const first = (last + s1 + ((e & f) ^ (~e & g)) + at(constants, t) + at(words, t)) | 0;
      const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
      const second = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [last, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
    }
    for (const [index, value] of [a, b, c, d, e, f, g, last].entries()) h[index] = at(h, index) + value;
  }
  return bigEndian(h);
}
