import { z } from 'zod'

// The parts of the Kubernetes API that deploy/kubernetes uses. Strict, so that a misspelt
// key fails here instead of being ignored by a cluster.

const dnsLabel = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
const labels = z.record(z.string(), z.string())
const metadata = z.strictObject({ name: dnsLabel, labels: labels.optional() })
const matchLabels = z.strictObject({ matchLabels: labels })
const cpu = z.string().regex(/^\d+(\.\d+)?$|^\d+m$/)
const bytes = z.string().regex(/^\d+(Ki|Mi|Gi)$/)
const seconds = z.int().positive()

const probe = z.strictObject({
  exec: z.strictObject({ command: z.array(z.string()).min(1) }).optional(),
  httpGet: z.strictObject({ path: z.string(), port: z.union([z.string(), z.int()]) }).optional(),
  periodSeconds: seconds.optional(),
  timeoutSeconds: seconds.optional(),
  failureThreshold: z.int().positive().optional(),
})

const quantities = z.strictObject({ cpu, memory: bytes, 'nvidia.com/gpu': z.string().optional() })

const container = z.strictObject({
  name: dnsLabel,
  image: z.string(),
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
  restartPolicy: z.literal('Always').optional(),
  env: z.array(z.strictObject({ name: z.string().regex(/^[A-Z_]+$/), value: z.string() })).default([]),
  ports: z.array(z.strictObject({ name: dnsLabel, containerPort: z.int() })).default([]),
  startupProbe: probe.optional(),
  readinessProbe: probe.optional(),
  livenessProbe: probe.optional(),
  securityContext: z.strictObject({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.boolean().default(false),
    capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
  }),
  resources: z.strictObject({ requests: quantities, limits: quantities }),
  volumeMounts: z
    .array(
      z.strictObject({
        name: dnsLabel,
        mountPath: z.string().startsWith('/'),
        readOnly: z.boolean().default(false),
      }),
    )
    .default([]),
})

const volume = z.strictObject({
  name: dnsLabel,
  configMap: z.strictObject({ name: dnsLabel }).optional(),
  secret: z.strictObject({ secretName: dnsLabel, defaultMode: z.int().max(0o777) }).optional(),
  persistentVolumeClaim: z
    .strictObject({ claimName: dnsLabel, readOnly: z.boolean().default(false) })
    .optional(),
  emptyDir: z.strictObject({ medium: z.literal('Memory').optional(), sizeLimit: bytes }).optional(),
})

/** Holds what the Pod Security Standard "restricted" asks of a pod; `container` holds the rest of it. */
const podSpec = z.strictObject({
  restartPolicy: z.literal('OnFailure').optional(),
  automountServiceAccountToken: z.literal(false),
  enableServiceLinks: z.literal(false),
  terminationGracePeriodSeconds: seconds.optional(),
  securityContext: z.strictObject({
    runAsNonRoot: z.literal(true),
    runAsUser: z.int().positive(),
    runAsGroup: z.int(),
    fsGroup: z.int().positive(),
    fsGroupChangePolicy: z.literal('OnRootMismatch'),
    seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }),
  }),
  initContainers: z.array(container).default([]),
  containers: z.array(container).min(1),
  volumes: z.array(volume).default([]),
})

const template = z.strictObject({ metadata: z.strictObject({ labels }), spec: podSpec })

const policyPort = z.strictObject({ protocol: z.enum(['TCP', 'UDP']), port: z.int() })
const policyPeer = z.strictObject({
  podSelector: matchLabels.optional(),
  namespaceSelector: matchLabels.optional(),
  ipBlock: z.strictObject({ cidr: z.string(), except: z.array(z.string()) }).optional(),
})

const manifests = [
  z.strictObject({ apiVersion: z.literal('v1'), kind: z.literal('Namespace'), metadata }),
  z.strictObject({
    apiVersion: z.literal('v1'),
    kind: z.literal('Service'),
    metadata,
    spec: z.strictObject({
      selector: labels,
      ports: z.array(z.strictObject({ name: dnsLabel, port: z.int(), targetPort: z.string() })),
    }),
  }),
  z.strictObject({
    apiVersion: z.literal('v1'),
    kind: z.literal('PersistentVolumeClaim'),
    metadata,
    spec: z.strictObject({
      accessModes: z.array(z.enum(['ReadWriteOnce', 'ReadWriteMany', 'ReadOnlyMany'])).length(1),
      resources: z.strictObject({ requests: z.strictObject({ storage: bytes }) }),
    }),
  }),
  z.strictObject({
    apiVersion: z.literal('apps/v1'),
    kind: z.literal('Deployment'),
    metadata,
    spec: z.strictObject({
      replicas: z.int(),
      strategy: z.strictObject({ type: z.literal('Recreate') }).optional(),
      selector: matchLabels,
      template,
    }),
  }),
  z.strictObject({
    apiVersion: z.literal('batch/v1'),
    kind: z.literal('Job'),
    metadata,
    spec: z.strictObject({ ttlSecondsAfterFinished: seconds, backoffLimit: z.int(), template }),
  }),
  z.strictObject({
    apiVersion: z.literal('networking.k8s.io/v1'),
    kind: z.literal('NetworkPolicy'),
    metadata,
    spec: z.strictObject({
      podSelector: z.union([matchLabels, z.strictObject({})]),
      policyTypes: z.array(z.enum(['Ingress', 'Egress'])),
      ingress: z
        .array(z.strictObject({ from: z.array(policyPeer).optional(), ports: z.array(policyPort) }))
        .optional(),
      egress: z.array(z.strictObject({ to: z.array(policyPeer), ports: z.array(policyPort) })).optional(),
    }),
  }),
] as const

export const manifestSchema = z.discriminatedUnion('kind', [...manifests])

export const kustomizationSchema = z.strictObject({
  apiVersion: z.literal('kustomize.config.k8s.io/v1beta1'),
  kind: z.literal('Kustomization'),
  namespace: dnsLabel,
  resources: z.array(z.string()),
  images: z.array(z.strictObject({ name: z.string(), newTag: z.string() })),
  configMapGenerator: z.array(z.strictObject({ name: dnsLabel, files: z.array(z.string()) })),
  secretGenerator: z.array(
    z.strictObject({
      name: dnsLabel,
      files: z.array(z.string()),
      options: z.strictObject({ disableNameSuffixHash: z.boolean() }),
    }),
  ),
})

export type Manifest = z.infer<typeof manifestSchema>
