import { z } from 'zod'
import { ExternalId } from '../ids.ts'
import { listOf, PageQuery } from '../page.ts'
import { Report, ReportBody } from '../report.ts'
import { Done } from './common.ts'
import type { Endpoint } from './endpoint.ts'

/** What people report, and what the host does about it. */
export const reportEndpoints = {
  report: {
    method: 'POST',
    path: '/v1/reports',
    auth: 'user',
    tag: 'reports',
    summary: 'Report a message or a person to the host; nobody else learns of it.',
    body: ReportBody,
    response: Done,
    status: 201,
  },
  listReports: {
    method: 'GET',
    path: '/v1/reports',
    auth: 'server',
    tag: 'reports',
    summary: 'What was reported, the newest first.',
    query: PageQuery,
    response: listOf(Report),
  },
  resolveReport: {
    method: 'POST',
    path: '/v1/reports/:reportId/resolve',
    auth: 'server',
    tag: 'reports',
    summary: 'A report is dealt with; what it kept of the message goes.',
    params: z.object({ reportId: ExternalId }),
    response: Done,
  },
} as const satisfies Record<string, Endpoint>
