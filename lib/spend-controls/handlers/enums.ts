/** What becomes of activated tags when the construct, or one of its keys, goes. */
export enum OnTagActivationDelete {
  /** They stay active, so that the bill goes on telling who spent what. */
  LEAVE_ACTIVE = 'leave-active',

  /** Those that the construct itself has activated are deactivated. */
  DEACTIVATE = 'deactivate',
}
