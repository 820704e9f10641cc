# shellcheck shell=bash
# The image for container runtimes: a tar file of the layout that the OCI image specification describes (version 1.0),
# with one layer. It is written without a runtime, a daemon or root, and the same tree gives the same bytes.
#
#   usr/lib/peregrine             the installed tree, and bin/container, with which a container starts
#   usr/bin                       peregrine, and what its start takes: a shell, readlink, setpriv
#   usr/lib, usr/lib64            the C library and the others that these and the Java runtime are linked to, as they
#                                 are on the machine that builds
#   usr/share/doc                 the licences of all of it
#   etc/peregrine, run/peregrine  places for the configuration and the control socket

readonly OCI_USER=65532
# The capabilities that setpriv may hand on, by the numbers of capabilities(7): CAP_NET_BIND_SERVICE,
# CAP_NET_ADMIN, CAP_NET_RAW, CAP_SYS_PTRACE, CAP_SYS_ADMIN, CAP_SYS_NICE, CAP_BPF.
readonly OCI_CAPABILITIES=10,12,13,19,21,23,39

package_oci() { # IMAGE OUT → archive
  local tree=$work/oci-root layout=$work/oci layer=$work/layer.tar diff_id config manifest
  archive=$2/${1##*/}.oci.tar
  oci_tree "$1" "$tree"
  mkdir -p "$layout/blobs/sha256"
  "$JAVA_HOME/bin/java" "$root/scripts/lib/OciLayer.java" "$tree" "$epoch" \
    "usr/bin/setpriv=$OCI_CAPABILITIES" >"$layer"
  diff_id=$(sha256sum <"$layer")
  gzip -9 -n "$layer"
  oci_blob "$layout" "$layer.gz"
  layer=$blob
  oci_config "${diff_id%% *}" >"$work/config.json"
  oci_blob "$layout" "$work/config.json"
  config=$blob
  oci_manifest "$config" "$layer" >"$work/manifest.json"
  oci_blob "$layout" "$work/manifest.json"
  manifest=$blob
  oci_index "$manifest" >"$layout/index.json"
  printf '{"imageLayoutVersion":"1.0.0"}' >"$layout/oci-layout"
  tar --create --format=ustar --owner=0 --group=0 --numeric-owner --sort=name --mtime="@$epoch" --mode=u=rwX,go=rX \
    --file "$archive.next" --directory "$layout" blobs index.json oci-layout
  mv -- "$archive.next" "$archive"
}

# Moves a file to where its contents say. → blob: its digest and size, as a descriptor has them
oci_blob() { # LAYOUT FILE
  local digest size
  digest=$(sha256sum <"$2")
  digest=${digest%% *}
  size=$(stat -c %s "$2")
  mv -- "$2" "$1/blobs/sha256/$digest"
  blob="\"digest\":\"sha256:$digest\",\"size\":$size"
}

oci_created() { date -u -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ; }

oci_config() { # DIFF_ID
  cat <<END
{"created":"$(oci_created)","architecture":"$debian_machine","os":"linux","config":{"User":"$OCI_USER:$OCI_USER",
"ExposedPorts":{"4789/udp":{},"9464/tcp":{}},"Env":["PATH=/usr/bin","RUNTIME_DIRECTORY=/run/peregrine"],
"Entrypoint":["/usr/lib/peregrine/bin/container"],"Cmd":["run","--config","/etc/peregrine/peregrine.yaml"],
"WorkingDir":"/","StopSignal":"SIGTERM","Labels":{"org.opencontainers.image.title":"peregrine",
"org.opencontainers.image.description":"userspace VXLAN overlay gateway","org.opencontainers.image.version":"$version",
"org.opencontainers.image.licenses":"Apache-2.0 AND GPL-2.0-only WITH Classpath-exception-2.0 AND LGPL-2.1-or-later AND GPL-2.0-or-later AND BSD-3-Clause"}},
"rootfs":{"type":"layers","diff_ids":["sha256:$1"]},
"history":[{"created":"$(oci_created)","created_by":"scripts/package oci"}]}
END
}

oci_manifest() { # CONFIG LAYER
  cat <<END
{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
"config":{"mediaType":"application/vnd.oci.image.config.v1+json",$1},
"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip",$2}]}
END
}

oci_index() { # MANIFEST
  cat <<END
{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[
{"mediaType":"application/vnd.oci.image.manifest.v1+json",$1,"platform":{"architecture":"$debian_machine","os":"linux"},
"annotations":{"org.opencontainers.image.ref.name":"peregrine:$version"}}]}
END
}

oci_tree() { # IMAGE TREE
  local image=$1 tree=$2 program folder
  mkdir -p "$tree"/{dev,etc/peregrine,proc,run/peregrine,sys,tmp,usr/bin,usr/lib/peregrine,usr/lib64}
  chmod 1777 "$tree/tmp" "$tree/run/peregrine"
  for folder in bin lib lib64; do ln -s "usr/$folder" "$tree/$folder"; done
  cp -a -- "$image/bin" "$image/lib" "$tree/usr/lib/peregrine"
  cp -a -- "$image/share" "$tree/usr/share"
  rm -rf "$tree"/usr/share/{man,bash-completion}
  install -m 755 "$root/deploy/container/entrypoint" "$tree/usr/lib/peregrine/bin/container"
  ln -s ../lib/peregrine/bin/peregrine "$tree/usr/bin/peregrine"
  printf 'root:x:0:0::/:/bin/sh\nperegrine:x:%d:%d::/:/bin/sh\n' $OCI_USER $OCI_USER >"$tree/etc/passwd"
  printf 'root:x:0:\nperegrine:x:%d:\n' $OCI_USER >"$tree/etc/group"
  for program in sh readlink setpriv; do
    program=$(type -P "$program") || die "There is no $program, which the image takes from this machine."
    install -m 755 "$(readlink -f -- "$program")" "$tree/usr/bin/${program##*/}"
    oci_licence "$tree" "$(readlink -f -- "$program")"
  done
  oci_libraries "$tree"
}

# Of the C library and its like, those that something in the image is linked to, where its loader looks for them.
oci_libraries() { # TREE
  local tree=$1 library files
  mapfile -t files < <(find "$tree/usr/bin" "$tree/usr/lib/peregrine" -type f -perm /111 -o -name '*.so' | sort)
  while read -r library; do
    mkdir -p "$tree/usr${library%/*}"
    install -m 755 "$library" "$tree/usr$library"
    oci_licence "$tree" "$library"
  done < <(ldd "${files[@]}" 2>/dev/null | awk '$2 == "=>" && $3 ~ "^/" { print $3 } $1 ~ "^/.*[^:]$" { print $1 }' |
    grep -v "^$tree/" | sed 's,^/usr/,/,' | sort -u)
}

# The licence of a file of this machine, by the Debian package that it is of.
oci_licence() { # TREE FILE
  local package
  package=$({ dpkg -S "$2" || dpkg -S "/usr$2" || dpkg -S "${2#/usr}"; } 2>/dev/null | head -n 1) || true
  package=${package%%:*}
  if [[ -n $package && -e /usr/share/doc/$package/copyright ]]; then
    install -D -m 644 "/usr/share/doc/$package/copyright" "$1/usr/share/doc/$package/copyright"
  else
    warn "The image has $2 of this machine without its licence, which is in no Debian package."
  fi
}
