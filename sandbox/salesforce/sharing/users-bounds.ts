/** Users that a generated org can have; the world's own twenty or more are among them. */
export const usersBounds = { min: 20, max: 200 };
