/**
 * CRC-16/MODBUS of a text's UTF-8 bytes: polynomial 0x8005 reflected, begun at 0xFFFF, nothing added at the end; 0 to
 * 65,535. Its published check value: `123456789` gives 0x4B37.
 */
export const crc16Modbus = (text: string): number => {
  let crc = 0xff_ff;
  for (const byte of Buffer.from(text, 'utf8')) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >> 1) ^ 0xa0_01 : crc >> 1;
  }
  return crc;
};
