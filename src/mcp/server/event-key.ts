/** Where a notification of an updated link carries its event, in `_meta`. */
export const EVENT_KEY = 'gantry/event';
