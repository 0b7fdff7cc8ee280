/** What installed apps show for somebody who left or whose account is gone; their people read Korean. */
export const WITHDRAWN_NAME = '탈퇴한 사용자'
