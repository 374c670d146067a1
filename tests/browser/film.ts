import { writeFile } from 'node:fs/promises';
import QRCode from 'qrcode';

const [WIDTH, HEIGHT] = [640, 480];
/** Dots of the film to a module of the code, as a hand holds it near. */
const MODULE = 8;
/** Luma of paper and ink, as video has them (ITU-R BT.601). */
const [WHITE, BLACK, GREY] = [235, 16, 128];

/**
 * A film of a label, for chromium's `--use-file-for-fake-video-capture`: the QR code of a text in the middle of white
 * paper, standing still, ten pictures a second, again and again. YUV4MPEG2, planes 4:2:0.
 */
export const filmOf = async (text: string, file: string): Promise<void> => {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: 'M' });
  const side = modules.size * MODULE;
  const [left, top] = [Math.floor((WIDTH - side) / 2), Math.floor((HEIGHT - side) / 2)];
  const luma = Buffer.alloc(WIDTH * HEIGHT, WHITE);
  for (let y = 0; y < side; y += 1)
    for (let x = 0; x < side; x += 1)
      if (modules.get(Math.floor(y / MODULE), Math.floor(x / MODULE)) === 1) luma[(top + y) * WIDTH + left + x] = BLACK;
  const picture = [Buffer.from('FRAME\n'), luma, Buffer.alloc((WIDTH * HEIGHT) / 2, GREY)];
  await writeFile(
    file,
    Buffer.concat([Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`), ...picture, ...picture]),
  );
};
