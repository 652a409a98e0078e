/** The program's version, as doors and `gantry version` tell it. Kept equal to package.json by test/app. */
export const version = '0.1.0';
