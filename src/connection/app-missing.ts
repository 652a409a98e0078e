import { GantryError } from '../kernel/index.ts';

/** A sign-in in a browser needs an application that the product team registered with the provider. */
export function appMissing(integration: string): GantryError {
  const prefix = `GANTRY_APP_${integration.toUpperCase()}`;
  return new GantryError('oauth_app_missing', {
    message: `No OAuth application is configured for integration ${integration}.`,
    where: integration,
    fix: `Set ${prefix}_CLIENT_ID and ${prefix}_CLIENT_SECRET.`,
  });
}
