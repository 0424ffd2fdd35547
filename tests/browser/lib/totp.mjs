// An authenticator app: RFC 6238 with SHA-1, six digits, 30 seconds.
import { createHmac } from 'node:crypto';

const STEP = 30_000;

export class Authenticator {
  #key;
  #used = -1;

  /** The key as a person reads it off the page: Base32 in groups of four. */
  constructor(text) {
    this.#key = base32(text.replace(/\s/g, '').toUpperCase());
  }

  /** A code that was not handed out before. Waits when the server would not take it yet (it takes one step ahead). */
  async code() {
    const step = Math.max(now(), this.#used + 1);
    const early = (step - 1) * STEP - Date.now();
    if (early > 0) await new Promise((done) => setTimeout(done, early + 50));
    this.#used = step;
    return totp(this.#key, step);
  }
}

function now() {
  return Math.floor(Date.now() / STEP);
}

export function totp(key, step) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', key).update(counter).digest();
  const at = mac[mac.length - 1] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

export function base32(text) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bytes = [];
  let bits = 0;
  let held = 0;
  for (const letter of text.replace(/=+$/, '')) {
    const value = letters.indexOf(letter);
    if (value < 0) throw new Error(`not Base32: ${letter}`);
    held = (held << 5) | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 255);
    }
  }
  return Buffer.from(bytes);
}
