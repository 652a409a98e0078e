/** See `built.js`. `root`: the checkout, default the one that this file is in. */
export declare function builtPrograms(root?: string): Promise<string | null>;
