/** Releases that the sandbox can be: 19 has the JSON-2 API besides RPC, the others RPC alone. */
export type OdooVersion = 19 | 17 | 14;

/** `19.0` */
export function serie(version: OdooVersion): string {
  return `${version}.0`;
}

/** As `odoo.release.version_info` is written: major, minor, micro, level, serial, edition. */
export function versionInfo(version: OdooVersion): readonly unknown[] {
  return [version, 0, 0, 'final', 0, 'e'];
}
