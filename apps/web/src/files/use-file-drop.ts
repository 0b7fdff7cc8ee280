import { type DragEvent, useState } from 'react'

type FileDrop = {
  /** Files hang over the place right now. */
  isOver: boolean
  props: {
    onDragEnter: (event: DragEvent) => void
    onDragOver: (event: DragEvent) => void
    onDragLeave: (event: DragEvent) => void
    onDrop: (event: DragEvent) => void
  }
}

/** A place files can be dropped on. */
export function useFileDrop(onFiles: ((files: readonly File[]) => void) | null): FileDrop {
  const [isOver, setIsOver] = useState(false)
  const carriesFiles = (event: DragEvent) => onFiles !== null && event.dataTransfer.types.includes('Files')
  return {
    isOver,
    props: {
      onDragEnter: (event) => carriesFiles(event) && setIsOver(true),
      onDragOver: (event) => {
        if (!carriesFiles(event)) return
        // Without this the browser would open the file instead.
        event.preventDefault()
        setIsOver(true)
      },
      // Said also on the way from one part of the place to another. Counting those would go wrong where a part vanishes
      // under the files: it is entered and never left.
      onDragLeave: ({ currentTarget, relatedTarget }) => {
        const isWithin = relatedTarget instanceof Node && currentTarget.contains(relatedTarget)
        if (!isWithin) setIsOver(false)
      },
      onDrop: (event) => {
        if (!carriesFiles(event)) return
        event.preventDefault()
        setIsOver(false)
        onFiles?.([...event.dataTransfer.files])
      },
    },
  }
}
