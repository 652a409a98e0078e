import { z } from 'zod';
import { dayShape, nameShape } from './parts.ts';

export const deprecatedShape = z.union([
  z.boolean(),
  z.strictObject({
    replaced_by: nameShape.optional().meta({ description: 'What to use instead.' }),
    sunset: dayShape.optional().meta({ description: 'From this day on, removing it breaks nobody.' }),
  }),
]);

export type RawDeprecated = z.infer<typeof deprecatedShape>;
