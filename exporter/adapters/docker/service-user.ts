/** User of the image of the service, as its Dockerfile says. */
const IMAGE_USER = 1000;

/** User of the service's container: the owner of the secrets on this machine. Root hands them to the user of the image. */
export function serviceUser(): { readonly uid: number; readonly gid: number } {
  const uid = process.getuid?.() ?? 0;
  return uid === 0 ? { uid: IMAGE_USER, gid: IMAGE_USER } : { uid, gid: process.getgid?.() ?? uid };
}
