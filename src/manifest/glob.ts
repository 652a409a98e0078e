/**
 * Whether a name fits a glob: `*` is any run of characters, `?` any one; case
 * counts. On a mismatch only the last `*` is tried again, which is enough and
 * keeps the work at most quadratic, whatever the glob.
 */
export const globMatches = (glob: string, name: string): boolean => fits(glob, name, () => true);

/** Whether every name that fits `inner` fits `outer` too: each `*` of `inner` has to lie within one of `outer`. */
export const globCovers = (outer: string, inner: string): boolean => fits(outer, inner, (sign) => sign !== '*');

/** `single` says which signs a `?` of the glob may stand for. */
function fits(glob: string, name: string, single: (sign: string) => boolean): boolean {
  let inGlob = 0;
  let inName = 0;
  let star = -1;
  let starName = 0;
  while (inName < name.length) {
    const wanted = glob[inGlob];
    if (wanted === '*') {
      star = inGlob;
      starName = inName;
      inGlob += 1;
    } else if ((wanted === '?' && single(name[inName] ?? '')) || wanted === name[inName]) {
      inGlob += 1;
      inName += 1;
    } else if (star !== -1) {
      starName += 1;
      inName = starName;
      inGlob = star + 1;
    } else {
      return false;
    }
  }
  return /^\**$/.test(glob.slice(inGlob));
}
