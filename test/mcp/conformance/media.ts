/** One red pixel. */
export const tinyPng =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';

/** One sample of silence: 8 bits, mono, 8 kHz. */
export const tinyWav = silence().toString('base64');

function silence(): Buffer {
  const wav = Buffer.alloc(45);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(37, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(8_000, 24);
  wav.writeUInt32LE(8_000, 28);
  wav.writeUInt16LE(1, 32);
  wav.writeUInt16LE(8, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(1, 40);
  wav.writeUInt8(128, 44);
  return wav;
}
