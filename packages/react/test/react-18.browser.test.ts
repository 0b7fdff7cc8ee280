import { describe } from 'vitest'
import { describeReact } from './react.contract.ts'

describe('with React 18', () => describeReact(18))
