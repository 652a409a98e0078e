import type { ProjectUseCases } from '../../api/index.ts';
import type { JsonObject } from '../../kernel/index.ts';
import type { Overlays } from './overlays.ts';
import type { Revisions } from './revisions.ts';

/** Versions of an overlay that are shown with it. */
const VERSIONS_SHOWN = 20;

/** Revisions and overlays as the REST door offers them. */
export function createProjectUseCases(deps: {
  readonly revisions: Revisions;
  readonly overlays: Overlays;
}): ProjectUseCases {
  const { revisions, overlays } = deps;
  return {
    revisions: async (_operator, { limit }) =>
      (await revisions.list(limit)).map(({ id, createdAt, author, message, current }) => ({
        revision: id,
        created_at: createdAt.toISOString(),
        author,
        message,
        current,
      })),
    showOverlay: async (_operator, { tenant }) => {
      const shown = await overlays.show(tenant);
      const versions = await overlays.versions(tenant, VERSIONS_SHOWN);
      return {
        tenant,
        overlay: shown === null ? null : overlayJson(shown),
        versions: versions.map(({ version, author, createdAt, content }) => ({
          version,
          author,
          created_at: createdAt.toISOString(),
          removed: content === null,
        })),
      };
    },
    setOverlay: async ({ name }, { tenant, yaml }) => ({
      tenant,
      ...(await overlays.set({ tenant, yaml, file: 'yaml', author: name })),
    }),
    removeOverlay: async ({ name }, { tenant }) => ({ tenant, ...(await overlays.remove({ tenant, author: name })) }),
  };
}

const overlayJson = (shown: NonNullable<Awaited<ReturnType<Overlays['show']>>>): JsonObject => ({
  source: shown.source,
  version: shown.version,
  file: shown.file,
  author: shown.author,
  created_at: shown.createdAt.toISOString(),
  yaml: shown.yaml,
});
