import type { Attachment } from '@tally/client'
import { Download, FileText, Film, Image as ImageIcon } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../format/format-context.ts'
import { fetched, useFetched } from '../ui/fetched.ts'
import { useAttempt } from '../use-attempt.ts'
import { useFileCache } from './file-cache.ts'
import { pictureBox } from './picture-box.ts'
import { saveAs } from './save-as.ts'

const imageViewer = fetched(async () => (await import('./image-viewer.tsx')).ImageViewer)

/** The files of a message: pictures as pictures, everything else as something to save. */
export function MessageFiles({ files, own }: { files: readonly Attachment[]; own: boolean }) {
  if (files.length === 0) return null
  return (
    <div className={`grid gap-1 ${own ? 'justify-items-end' : 'justify-items-start'}`}>
      {files.map((file) =>
        pictureBox(file) === null ? (
          <FileCard file={file} key={file.id} />
        ) : (
          <Picture file={file} key={file.id} />
        ),
      )}
    </div>
  )
}

/** A picture in a box of its size, which is known before it comes: nothing moves when it does. */
function Picture({ file }: { file: Attachment }) {
  const { t } = useTranslation()
  const cache = useFileCache()
  const [url, setUrl] = useState<string | null>(null)
  const [failed, setFailed] = useState(false)
  const [open, setOpen] = useState(false)
  const ImageViewer = useFetched(imageViewer, open)
  const box = pictureBox(file)
  useEffect(() => {
    let isCurrent = true
    cache?.urlOf(file.id).then(
      (next) => isCurrent && setUrl(next),
      () => isCurrent && setFailed(true),
    )
    return () => {
      isCurrent = false
    }
  }, [cache, file.id])
  if (failed || box === null) return <FileCard file={file} />
  return (
    <>
      <button
        aria-label={t('files.open', { name: file.name })}
        className="block max-w-full overflow-hidden rounded-3 border border-line bg-sunken"
        disabled={url === null}
        onClick={() => setOpen(true)}
        style={{ width: box.width, aspectRatio: `${box.width} / ${box.height}` }}
        type="button"
      >
        {url === null ? (
          <span className="grid size-full animate-breathe place-items-center text-ink-3">
            <ImageIcon aria-hidden="true" size={24} strokeWidth={1.5} />
          </span>
        ) : (
          <img alt={file.name} className="size-full object-cover" src={url} />
        )}
      </button>
      {ImageViewer !== null && url !== null && (
        <ImageViewer name={file.name} onClose={() => setOpen(false)} url={url} />
      )}
    </>
  )
}

/** A file by its name; pressing it saves it. */
function FileCard({ file }: { file: Attachment }) {
  const { t } = useTranslation()
  const format = useFormat()
  const attempt = useAttempt()
  const cache = useFileCache()
  const Icon = file.type.startsWith('video/') ? Film : file.type.startsWith('image/') ? ImageIcon : FileText
  const save = async () => {
    if (cache !== null) saveAs(await cache.urlOf(file.id), file.name)
  }
  return (
    <button
      className="grid w-80 max-w-full grid-cols-[40px_minmax(0,1fr)_auto] items-center gap-x-3 rounded-3 border border-line bg-raised px-3.5 py-3 text-left hover:border-ink-3"
      onClick={() => attempt(save())}
      type="button"
    >
      <span className="grid size-10 place-items-center rounded-avatar bg-sunken text-ink-2">
        <Icon aria-hidden="true" size={20} strokeWidth={1.75} />
      </span>
      <span className="grid min-w-0">
        <span className="line-clamp-2 font-semibold wrap-anywhere" dir="auto">
          {file.name}
        </span>
        <span className="text-1 text-ink-2 tabular">{format.bytes(file.bytes)}</span>
      </span>
      <Download aria-hidden="true" className="text-ink-3" size={18} strokeWidth={1.75} />
      <span className="sr-only">{t('files.saveThis')}</span>
    </button>
  )
}
