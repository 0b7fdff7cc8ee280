/** Every row of the list is this high, so that the list knows its length without looking. */
export const ROOM_ROW_PX = 64
