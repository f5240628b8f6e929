import { z } from 'zod'

// The parts of the Compose specification that deploy/ uses. Strict, so that a misspelt key fails here.

const hardening = {
  read_only: z.boolean().default(false),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
  tmpfs: z.array(z.string().startsWith('/tmp:')).optional(),
  pids_limit: z.int().positive().optional(),
  restart: z.enum(['unless-stopped', 'no']),
}

const duration = z.string().regex(/^\d+s$/)
const size = z.string().regex(/^\d+(m|g|mb|gb)$/)
const file = z.strictObject({
  source: z.string(),
  target: z.string().startsWith('/'),
  uid: z.string().optional(),
  gid: z.string().optional(),
  mode: z.int().max(0o777).optional(),
})

const serviceSchema = z.strictObject({
  ...hardening,
  image: z.string(),
  build: z.strictObject({ context: z.literal('..') }).optional(),
  command: z.array(z.string()).optional(),
  init: z.boolean().optional(),
  user: z
    .string()
    .regex(/^[1-9]\d*:\d+$/)
    .optional(),
  network_mode: z.string().startsWith('service:').optional(),
  networks: z.array(z.string()).optional(),
  ports: z.array(z.string()).default([]),
  depends_on: z
    .record(
      z.string(),
      z.strictObject({
        condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']),
      }),
    )
    .default({}),
  environment: z.record(z.string(), z.string()).default({}),
  configs: z.array(file).default([]),
  secrets: z.array(file).default([]),
  volumes: z
    .array(
      z.strictObject({
        type: z.literal('volume'),
        source: z.string(),
        target: z.string().startsWith('/'),
        read_only: z.boolean().default(false),
      }),
    )
    .default([]),
  healthcheck: z
    .union([
      z.strictObject({ disable: z.literal(true) }),
      z.strictObject({
        test: z.array(z.string()),
        interval: duration,
        timeout: duration,
        start_period: duration.optional(),
      }),
    ])
    .optional(),
  stop_grace_period: duration.optional(),
  ulimits: z.strictObject({ core: z.literal(0) }).optional(),
  mem_limit: size.optional(),
  memswap_limit: size.optional(),
  cpus: z.number().positive().optional(),
  shm_size: size.optional(),
  deploy: z
    .strictObject({
      resources: z.strictObject({
        reservations: z.strictObject({
          devices: z.array(
            z.strictObject({ driver: z.string(), count: z.int(), capabilities: z.array(z.string()) }),
          ),
        }),
      }),
    })
    .optional(),
})

const extended = z.strictObject({ extends: z.strictObject({ file: z.string(), service: z.string() }) })

const source = z.union([
  z.strictObject({ file: z.string().startsWith('./') }),
  z.strictObject({ environment: z.string() }),
])

export const composeSchema = z.strictObject({
  name: z.string(),
  'x-hardened': z.strictObject(hardening),
  services: z.record(z.string(), z.union([serviceSchema, extended])),
  networks: z.record(
    z.string(),
    z.strictObject({
      driver: z.literal('bridge').optional(),
      driver_opts: z.record(z.string(), z.string()).optional(),
      internal: z.boolean().default(false),
    }),
  ),
  volumes: z.record(z.string(), z.strictObject({})),
  configs: z.record(z.string(), source),
  secrets: z.record(z.string(), source),
})

export type Compose = z.infer<typeof composeSchema>
export type Service = z.infer<typeof serviceSchema>
