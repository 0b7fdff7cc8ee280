import { describe } from 'vitest'
import { describeReact } from './react.contract.ts'

describe('with React 19', () => describeReact(19))
