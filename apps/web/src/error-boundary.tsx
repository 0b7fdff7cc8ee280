import { Component, type ReactNode } from 'react'
import { CrashScreen } from './crash-screen.tsx'

type ErrorBoundaryProps = { children: ReactNode }

/** A fault of the program while it draws ends in words and a way on. React tells such faults to classes only. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { broken: boolean }> {
  override state = { broken: false }

  static getDerivedStateFromError(): { broken: true } {
    return { broken: true }
  }

  override render(): ReactNode {
    return this.state.broken ? <CrashScreen /> : this.props.children
  }
}
