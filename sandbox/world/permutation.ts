import { mix } from './hash.ts';

/** A shuffle of 0..size-1 that needs no table: both directions cost the same few multiplications. */
export interface Permutation {
  at(index: number): number;
  indexOf(position: number): number;
}

const ROUNDS = 3;

/**
 * A Feistel network over a rectangle of about sqrt(size) x sqrt(size). The few
 * cells of the rectangle beyond `size` are walked over: applying the bijection
 * again always comes back inside.
 */
export function permutation(size: number, key: number): Permutation {
  const width = Math.max(1, Math.ceil(Math.sqrt(size)));
  const height = Math.max(1, Math.ceil(size / width));
  // 30 bits leave room to add a coordinate without leaving small integers.
  const shift = (round: number, coordinate: number): number =>
    mix(key + Math.imul(round + 1, 0x9e3779b1) + Math.imul(coordinate, 0x85ebca6b)) >>> 2;

  const forward = (cell: number): number => {
    let column = cell % width;
    let row = Math.trunc(cell / width);
    for (let round = 0; round < ROUNDS; round += 1) {
      column = (column + shift(2 * round, row)) % width;
      row = (row + shift(2 * round + 1, column)) % height;
    }
    return row * width + column;
  };
  const backward = (cell: number): number => {
    let column = cell % width;
    let row = Math.trunc(cell / width);
    for (let round = ROUNDS - 1; round >= 0; round -= 1) {
      row = (row + height - (shift(2 * round + 1, column) % height)) % height;
      column = (column + width - (shift(2 * round, row) % width)) % width;
    }
    return row * width + column;
  };
  return {
    at(index) {
      let cell = forward(index);
      while (cell >= size) cell = forward(cell);
      return cell;
    },
    indexOf(position) {
      let cell = backward(position);
      while (cell >= size) cell = backward(cell);
      return cell;
    },
  };
}
