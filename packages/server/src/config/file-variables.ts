import { optional, variable } from './variable.ts'
import { mediaTypes, text, webAddress } from './variable-types.ts'

const ATTACHMENT_TYPES = [
  ...['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif', 'image/heic'],
  ...['video/mp4', 'video/quicktime', 'video/webm'],
  ...['audio/mpeg', 'audio/mp4', 'audio/x-m4a', 'audio/ogg', 'audio/wav', 'audio/webm', 'audio/aac'],
  'application/pdf',
  'application/zip',
  // Office documents before 2007, and those of Hangul.
  'application/x-cfb',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  'text/plain',
]

/** Where the files of messages are kept, and which are taken. */
export const files = {
  filesDir: optional({
    name: 'TALLY_FILES_DIR',
    type: text(),
    fallbackText: 'attachments in DATA_DIR',
    description: 'Folder of the files of messages, where there is no S3. Several servers need the same one.',
  }),
  s3Url: optional({
    name: 'TALLY_S3_URL',
    type: webAddress(),
    description:
      'Address of a bucket of an S3-compatible server, to keep files there: https://s3.ap-northeast-2.amazonaws.com/bucket, or https://bucket.s3.….',
  }),
  s3Region: variable({
    name: 'TALLY_S3_REGION',
    type: text(),
    default: 'us-east-1',
    description: 'Region of the bucket.',
  }),
  s3AccessKeyId: optional({
    name: 'TALLY_S3_ACCESS_KEY_ID',
    type: text(),
    description: 'Who writes and reads the bucket.',
  }),
  s3SecretAccessKey: optional({
    name: 'TALLY_S3_SECRET_ACCESS_KEY',
    type: text(),
    description: 'The secret that belongs to it.',
    secret: true,
  }),
  attachmentTypes: variable({
    name: 'TALLY_ATTACHMENT_TYPES',
    type: mediaTypes(),
    default: ATTACHMENT_TYPES,
    fallbackText: 'pictures, videos, sound, PDF, office documents, ZIP and text',
    description:
      'Kinds of files that are taken, by what their bytes are (image/png,application/pdf). What is none of a known kind, but text, is text/plain.',
  }),
}
