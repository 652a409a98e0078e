import { GantryError } from '../../kernel/index.ts';

/** A tenant has one overlay, so that nobody has to guess which of two holds. */
export const twoOverlays = (slug: string, where: string): GantryError =>
  new GantryError('overlay_in_project', {
    message: `The project has an overlay for ${slug}, so that there cannot be a stored one as well.`,
    where,
    fix: `Change the file and apply the project; or keep the stored one: remove the file, or \`gantry overlay remove --tenant ${slug}\` to keep the file.`,
  });
