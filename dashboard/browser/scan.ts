import type * as OwnReader from './qr.ts';

/**
 * Reads QR codes of labels with the camera or from a photo into the field that people can also type into, and sends its
 * form. Without this script the field is there all the same.
 */

/** What reads a picture: the browser itself, or our own reader. */
type Read = (picture: HTMLVideoElement | ImageBitmap) => Promise<string | undefined>;

/** How often the camera's picture is looked at: five times a second is as fast as a hand is still. */
const LOOK_EVERY_MS = 200;
/** A photo of a telephone has four times as many dots a side as a code needs. */
const SIDE_AT_MOST = 1_600;

const find = <E extends Element>(selector: string, kind: new () => E): E | undefined => {
  const found = document.querySelector(selector);
  return found instanceof kind ? found : undefined;
};

const box = find('[data-scan]', HTMLElement);
const field = find('#text', HTMLTextAreaElement);
const start = find('[data-scan-camera]', HTMLButtonElement);
const video = find('[data-scan-video]', HTMLVideoElement);
const photo = find('[data-scan-photo]', HTMLInputElement);
const said = find('[data-scan-said]', HTMLElement);

const say = (words: string): void => {
  if (said !== undefined) said.textContent = words;
};

/** What browsers with a detector of their own offer (WICG Shape Detection). */
interface Detector {
  detect(picture: HTMLVideoElement | ImageBitmap): Promise<readonly { readonly rawValue: string }[]>;
}
declare global {
  interface Window {
    readonly BarcodeDetector?: {
      new (options: { readonly formats: readonly string[] }): Detector;
      getSupportedFormats(): Promise<readonly string[]>;
    };
  }
}

const sizeOf = (picture: HTMLVideoElement | ImageBitmap): readonly [number, number] =>
  picture instanceof HTMLVideoElement ? [picture.videoWidth, picture.videoHeight] : [picture.width, picture.height];

const openReader = async (): Promise<Read> => {
  const own = window.BarcodeDetector;
  if (own !== undefined && (await own.getSupportedFormats()).includes('qr_code')) {
    const detector = new own({ formats: ['qr_code'] });
    return async (picture) => (await detector.detect(picture))[0]?.rawValue;
  }
  const { readQr }: typeof OwnReader = await import(box?.dataset['reader'] ?? '');
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true });
  return (picture) => {
    const [width, height] = sizeOf(picture);
    const scale = Math.min(1, SIDE_AT_MOST / Math.max(width, height, 1));
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    if (context === null || canvas.width === 0 || canvas.height === 0) return Promise.resolve(undefined);
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return Promise.resolve(readQr(context.getImageData(0, 0, canvas.width, canvas.height)));
  };
};

let reader: Promise<Read> | undefined;
const read: Read = async (picture) => {
  reader ??= openReader();
  return (await reader)(picture);
};

const take = (text: string): void => {
  if (field === undefined) return;
  field.value = text;
  if (box?.dataset['scanThen'] === 'fill') {
    say('A code was read, and is filled in below.');
    return;
  }
  say('A code was read. Looking it up.');
  field.form?.requestSubmit();
};

/** The camera, while it is on. */
const camera: { stream: MediaStream | undefined } = { stream: undefined };
const stop = (): void => {
  for (const track of camera.stream?.getTracks() ?? []) track.stop();
  camera.stream = undefined;
  if (video !== undefined) video.hidden = true;
  if (start !== undefined) start.textContent = 'Use the camera';
};

/** Looks at the camera's picture until there is a code in it, or somebody stops it. */
const watch = async (view: HTMLVideoElement): Promise<void> => {
  const { stream: mine } = camera;
  if (mine === undefined) return;
  while (camera.stream === mine) {
    const text = await read(view);
    if (text !== undefined && text !== '' && camera.stream === mine) {
      stop();
      take(text);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
};

const cameraWords = (error: unknown): string => {
  const name = error instanceof Error ? error.name : '';
  if (name === 'NotAllowedError')
    return 'The browser does not let this page use the camera. Allow it in the address bar, take a photo, or type the code.';
  if (name === 'NotFoundError') return 'This device has no camera. Choose a photo, or type the code.';
  return 'The camera cannot be used just now: another program may have it. Take a photo, or type the code.';
};

start?.addEventListener('click', () => {
  if (camera.stream !== undefined) {
    stop();
    say('The camera is off.');
    return;
  }
  void (async () => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: 'environment', width: { ideal: 1280 } },
        audio: false,
      });
      camera.stream = stream;
      if (video === undefined) return;
      video.srcObject = stream;
      video.hidden = false;
      await video.play();
      start.textContent = 'Stop the camera';
      say('Hold the code of the label in front of the camera.');
      await watch(video);
    } catch (error) {
      stop();
      say(cameraWords(error));
    }
  })();
});

photo?.addEventListener('change', () => {
  const file = photo.files?.[0];
  if (file === undefined) return;
  void (async () => {
    try {
      const text = await read(await createImageBitmap(file));
      if (text === undefined || text === '')
        say(
          'There is no QR code in this photo that can be read. Go nearer, with the code flat and in the light, or type the code.',
        );
      else take(text);
    } catch {
      say('This file is no picture that the browser can open. Take a photo as JPEG or PNG, or type the code.');
    }
  })();
});

// Browsers offer the camera over HTTPS only, and on the machine itself.
const hasCamera = 'mediaDevices' in navigator;
if (start !== undefined) start.hidden = !hasCamera;
if (!hasCamera) say('The camera can be used over HTTPS only. A photo, or typing, works here too.');
if (box !== undefined) box.hidden = false;
window.addEventListener('pagehide', stop);
