/** What is said of a gesture to people who listen. */
import type { Gesture } from "./gestures.ts";
import type { Labels } from "./labels.ts";

/** Nothing for what is felt or seen by who does it, such as a drag. */
export function sentenceFor(gesture: Gesture, changed: boolean, labels: Labels, zoomInWords: string): string | undefined {
  switch (gesture.kind) {
    case "move":
      return gesture.byKey && !changed ? labels.stageEnd : undefined;
    case "zoom":
      return `${labels.zoom}: ${zoomInWords}`;
    case "turn":
      return gesture.direction === "clockwise" ? labels.turnedRight : labels.turnedLeft;
    case "flip":
      return labels.flipped;
    case "undo":
      return changed ? labels.undone : undefined;
    case "redo":
      return changed ? labels.redone : undefined;
    case "reset":
      return labels.resetDone;
    default:
      return undefined;
  }
}
