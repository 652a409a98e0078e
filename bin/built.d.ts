/** See `built.js`. `root`: the checkout, default the one that this file is in. */
export declare function builtPrograms(root?: string): Promise<string | null>;

/** See `built.js`. */
export declare function bundle(request: {
  readonly root: string;
  readonly programs: readonly string[];
  readonly into: string;
  readonly folder: string;
}): Promise<void>;
