/** The drawings of the buttons, as strokes on a square of 24. */
export const ICONS = {
  minus: "M5 12h14",
  plus: "M5 12h14M12 5v14",
  turnLeft: "M4 4.5v5h5M4.6 9.5A8 8 0 1 1 4 12.8",
  turnRight: "M20 4.5v5h-5M19.4 9.5A8 8 0 1 0 20 12.8",
  flip: "M12 3v18M8.5 6.5 3.5 17.5h5zM15.5 6.5l5 11h-5z",
  undo: "M8 5 4 9l4 4M4 9h10a5 5 0 0 1 0 10h-3",
  redo: "M16 5l4 4-4 4M20 9H10a5 5 0 0 0 0 10h3",
  reset: "M5 12a7 7 0 1 0 7-7H8M10.5 2.5 8 5l2.5 2.5",
} as const;
