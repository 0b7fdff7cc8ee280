/** Two soft notes, made on the spot: no file, and nothing before somebody has touched the page (browsers see to that). */
export function createChime(): () => void {
  let audio: AudioContext | undefined
  return () => {
    audio ??= new AudioContext()
    if (audio.state === 'suspended') void audio.resume()
    const begin = audio.currentTime
    for (const [index, frequency] of [659.25, 880].entries()) {
      const note = audio.createOscillator()
      const volume = audio.createGain()
      const at = begin + index * 0.09
      note.frequency.value = frequency
      volume.gain.setValueAtTime(0, at)
      volume.gain.linearRampToValueAtTime(0.08, at + 0.01)
      volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.25)
      note.connect(volume).connect(audio.destination)
      note.start(at)
      note.stop(at + 0.26)
    }
  }
}
