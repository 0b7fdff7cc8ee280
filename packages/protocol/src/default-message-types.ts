/** The type of a message that names none. */
export const DEFAULT_MESSAGE_TYPE = 'regular'

/** The type of a system message that names none. System messages do not count as unread. */
export const DEFAULT_SYSTEM_MESSAGE_TYPE = 'system'
