/* Part of this folder's door: what people are told of. */
export {
  acknowledgeAlert,
  addAlert,
  countPastAlerts,
  dropAlert,
  keepAlert,
  listAlerts,
  lockAlert,
  lockPresentAlerts,
  pruneAlerts,
  readAlert,
  type AlertAck,
  type AlertRow,
  type NewAlert,
} from './alerts.ts';
export {
  accessDoubts,
  accessHealth,
  countDeadDeliveries,
  countDeadInbox,
  lineHealth,
  type AccessDoubt,
  type AccessHealth,
  type DeadCount,
  type LineHealth,
} from './alert-facts.ts';
export {
  addNotice,
  beginNotice,
  dueNotices,
  moveNotice,
  noticesOf,
  soonestNotice,
  type NoticeKey,
  type NoticeRow,
} from './alert-notices.ts';
export { alertTurnNow, claimAlertTurns, enrolAlertTurns, holdAlertTurn, settleAlertTurn } from './alert-turns.ts';
