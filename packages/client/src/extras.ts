// What stands beside the conversation: apart from the client, so that it costs nobody a byte who does not use it.
export type { Cursor, Found, FoundMessage, FoundPage, SearchIn, TextSpan } from '@tally/protocol'
export { deleteMyAccount, exportMyData } from './account.ts'
export {
  type FileToUpload,
  type FileUpload,
  readAttachment,
  type UploadProgress,
  uploadFile,
} from './files.ts'
export { reportMessage, reportPerson } from './reports.ts'
export { type SearchRequest, search } from './search.ts'
