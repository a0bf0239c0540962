/** Every word that the editor says, in English, and how other languages come in. `{name}` stands for a value. */

export const ENGLISH = {
  choose: "Choose a photo",
  chooseOther: "Choose another photo",
  useCamera: "Use the camera",
  dropHint: "or drop or paste one here",
  opening: "Opening your photo",
  opened: "Your photo is in the mask. Move and zoom it until it fits.",
  stage: "Your photo in the mask",
  stageKeys: "Arrow keys move the photo, with Shift in large steps. Plus and minus zoom. The square brackets turn it. Control and Z undoes.",
  stageEnd: "The photo ends here.",
  zoom: "Zoom",
  zoomIn: "Zoom in",
  zoomOut: "Zoom out",
  zoomValue: "{times} times",
  straighten: "Straighten",
  straightenValue: "{degrees} degrees",
  turnLeft: "Turn left",
  turnRight: "Turn right",
  flip: "Mirror",
  undo: "Undo",
  redo: "Redo",
  reset: "Start over",
  turnedLeft: "Turned left",
  turnedRight: "Turned right",
  flipped: "Mirrored",
  undone: "Undone",
  redone: "Done again",
  resetDone: "Back at the start",
  previews: "How it will look",
  previewSize: "Preview at {pixels} pixels",
  square: "Square",
  round: "Round",
  fileSize: "{size} kB",
  positionRemoved: "GPS position removed",
  metadataRemoved: "Metadata removed",
  animation: "Keep the animation ({frames} frames)",
  animationTooLong: "The animation has {frames} frames, more than {most}: its first one is used.",
  animationTooLarge: "The animation is too large to keep: its first picture is used.",
  save: "Save picture",
  tryAgain: "Try again",
  cancel: "Cancel",
  saving: "Saving your picture",
  preparing: "Preparing",
  uploading: "Uploading",
  finishing: "Finishing",
  saved: "Saved",
  cancelled: "Cancelled. Your photo is still here.",
  cancelledLate: "You cancelled when the picture had arrived already: it may be saved all the same.",
  cameraView: "The camera's picture",
  takePicture: "Take the picture",
  retake: "Take it again",
  usePicture: "Use this picture",
  pictureTaken: "The picture is taken. Use it, or take it again.",
  closeCamera: "Close the camera",
  offline: "You are offline. Your photo stays here: save it when the connection is back.",
  online: "The connection is back.",
  // What went wrong with the photo
  unsupportedFormat: "This file is not a photo that can be used here. Choose a JPEG, PNG, WebP, GIF or BMP.",
  unsupportedHere: "This browser cannot open photos of this kind. Save it as JPEG first, or choose another one.",
  truncated: "Part of this photo is missing. Choose another one, or get the file once more from where it came.",
  malformed: "This photo is damaged. Choose another one, or get the file once more from where it came.",
  tooManyPixels: "This photo has too many pixels. Choose a smaller one, up to 50 megapixels.",
  tooManyFrames: "This animation is too long. Choose a still photo.",
  outOfMemory: "This photo is too large to be worked on here. Choose a smaller one.",
  badRecipe: "This part of the photo could not be cut out. Move the photo a little and save again.",
  emptyFile: "This file is empty. Choose another photo.",
  notShown: "This photo cannot be shown. It may be damaged: choose another one, or save it as JPEG first.",
  tooLarge: "This file is too large. Choose a smaller photo.",
  // with the camera
  cameraRefused: "The camera may not be used here. Allow it for this page, or choose a photo instead.",
  cameraMissing: "No camera was found. Choose a photo instead.",
  cameraBusy: "The camera did not start. Another program may be using it: close that one and try again.",
  cameraHidden: "This browser gives pages noise instead of the camera's picture. Allow this page to read canvases, or choose a photo instead.",
  // and with saving
  wrongType: "The picture arrived as something else. Please save it again.",
  notArrived: "The picture did not arrive. Please save it again.",
  tooOften: "That was very often in a short time. Wait a minute, then save again.",
  storageRefused: "The upload was not accepted. Please save the picture again.",
  storageAway: "Pictures cannot be stored at the moment. Your photo is still here: try again soon.",
  signInsAway: "Sign-ins cannot be checked at the moment. Your photo is still here: try again soon.",
  misconfigured: "The server is not set up correctly. Please tell the people who run it.",
  expired: "Your sign-in has ended. Sign in again, then save the picture once more.",
  lostConnection: "The connection was lost. Check that you are online, then try again.",
  serverProblem: "The server has a problem. Your photo is still here: save the picture again in a moment.",
  didNotWork: "That did not work. Please try again.",
} as const;

export type LabelKey = keyof typeof ENGLISH;

/** All words of a language. What a language leaves out is said in English. */
export type Labels = Readonly<Record<LabelKey, string>>;

/** English, with what `other` says instead. Members that are no labels, or no text, are left out. */
export function labelsWith(other: unknown): Labels {
  if (typeof other !== "object" || other === null) return ENGLISH;
  const known = Object.entries(other).filter(([key, text]) => Object.hasOwn(ENGLISH, key) && typeof text === "string");
  return { ...ENGLISH, ...Object.fromEntries(known) };
}

/** The words of another language as JSON. Text that is none leaves them in English. */
export function labelsFrom(json: string | null): Labels {
  try {
    return labelsWith(JSON.parse(json ?? "null"));
  } catch {
    return ENGLISH;
  }
}

/** Puts values in the place of their names in braces. */
export function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (Object.hasOwn(values, name) ? String(values[name]) : whole));
}
