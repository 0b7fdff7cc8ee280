import { v1 } from '@tally/protocol'
import type { ActionContext } from '../../../actions/context.ts'
import { deleteDevice, listDevices, putDevice } from '../../../actions/devices.ts'
import { deviceLooks } from '../../device-looks.ts'
import { DONE, type HttpApp, serve } from '../endpoint-route.ts'

export function serveDevices(app: HttpApp, ctx: ActionContext): void {
  serve(app, v1.listDevices, async ({ caller }) => ({ items: await listDevices(ctx, caller) }))
  serve(app, v1.putDevice, async ({ caller, params: { deviceId: id }, body: { name = null }, request }) =>
    putDevice(ctx, caller, { id, name, ...deviceLooks(request.headers['user-agent']) }),
  )
  serve(app, v1.deleteDevice, async ({ caller, params }) => {
    await deleteDevice(ctx, caller, params)
    return DONE
  })
}
