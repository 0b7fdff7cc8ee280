// What stands beside the conversation: apart from the client, so that it costs nobody a byte who does not use it.
export {
  type Channels,
  type Cursor,
  channelsOf,
  type Device,
  type Found,
  type FoundMessage,
  type FoundPage,
  type Interruption,
  isQuiet,
  mayPush,
  type Preferences,
  type QuietHours,
  type SearchIn,
  type TextSpan,
} from '@tally/protocol'
export { deleteMyAccount, exportMyData } from './account.ts'
export { listDevices, registerDevice, signOutDevice } from './devices.ts'
export {
  type Archiving,
  archiveNotifications,
  listArchived,
  listUnread,
  type NotificationPage,
  seeNotifications,
} from './feed.ts'
export {
  type FileToUpload,
  type FileUpload,
  readAttachment,
  type UploadProgress,
  uploadFile,
} from './files.ts'
export { changePreferences, type PreferenceChoices, readPreferences } from './preferences.ts'
export { reportMessage, reportPerson } from './reports.ts'
export { type SearchRequest, search } from './search.ts'
