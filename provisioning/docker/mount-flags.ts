/** A mount as `--mount` makes it. */
export interface MountSpec {
  readonly Type: string;
  readonly Source?: string;
  readonly Target: string;
  readonly ReadOnly?: boolean;
  readonly Consistency?: string;
  readonly BindOptions?: {
    readonly Propagation?: string;
    readonly NonRecursive?: boolean;
    readonly CreateMountpoint?: boolean;
    readonly ReadOnlyNonRecursive?: boolean;
    readonly ReadOnlyForceRecursive?: boolean;
  };
  readonly VolumeOptions?: {
    readonly NoCopy?: boolean;
    readonly Labels?: Readonly<Record<string, string>>;
    readonly DriverConfig?: { readonly Name?: string; readonly Options?: Readonly<Record<string, string>> };
    readonly Subpath?: string;
  };
  readonly TmpfsOptions?: { readonly SizeBytes?: number; readonly Mode?: number };
}

/** The value of one `--mount`, which Docker reads as a line of CSV. */
export function mountFlag({ Type, Source, Target, ReadOnly, ...more }: MountSpec): string {
  const { BindOptions: bind = {}, VolumeOptions: volume = {}, TmpfsOptions: tmpfs = {} } = more;
  const fields = [
    `type=${Type}`,
    ...(Source ? [`source=${Source}`] : []),
    `target=${Target}`,
    ...(ReadOnly ? ['readonly'] : []),
    ...(more.Consistency && more.Consistency !== 'default' ? [`consistency=${more.Consistency}`] : []),
    ...(bind.Propagation ? [`bind-propagation=${bind.Propagation}`] : []),
    ...recursion(bind),
    ...(volume.NoCopy ? ['volume-nocopy'] : []),
    ...Object.entries(volume.Labels ?? {}).map(([key, value]) => `volume-label=${key}=${value}`),
    ...(volume.DriverConfig?.Name ? [`volume-driver=${volume.DriverConfig.Name}`] : []),
    ...Object.entries(volume.DriverConfig?.Options ?? {}).map(([key, value]) => `volume-opt=${key}=${value}`),
    ...(volume.Subpath ? [`volume-subpath=${volume.Subpath}`] : []),
    ...(tmpfs.SizeBytes ? [`tmpfs-size=${tmpfs.SizeBytes}`] : []),
    ...(tmpfs.Mode ? [`tmpfs-mode=${tmpfs.Mode.toString(8)}`] : []),
  ];
  return fields.map((field) => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',');
}

function recursion(bind: NonNullable<MountSpec['BindOptions']>): readonly string[] {
  if (bind.NonRecursive) return ['bind-recursive=disabled'];
  if (bind.ReadOnlyNonRecursive) return ['bind-recursive=writable'];
  return bind.ReadOnlyForceRecursive ? ['bind-recursive=readonly'] : [];
}
