/**
 * The topic of an object's changes: `/data/AccountChangeEvent`, and
 * `/data/Vertrag__ChangeEvent` for `Vertrag__c`. Change Data Capture Developer
 * Guide, "Subscription Channels".
 */
export function topicOf(object: string): string {
  return object.endsWith('__c') ? `/data/${object.slice(0, -1)}ChangeEvent` : `/data/${object}ChangeEvent`;
}
