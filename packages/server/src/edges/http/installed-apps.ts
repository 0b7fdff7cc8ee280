/** What installed apps show for somebody who left or whose account is gone; their people read Korean. */
export const WITHDRAWN_NAME = '탈퇴한 사용자'

/** What they show as the author of a message from nobody: the host's own server wrote it. */
export const SYSTEM_NAME = '시스템'
