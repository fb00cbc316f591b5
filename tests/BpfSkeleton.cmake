# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# bpf_skeleton(NAME SOURCE [LIGHT] [DEPENDS FILE...] [DEFINITIONS MACRO=VALUE...]) compiles SOURCE for BPF and has its
# skeleton made as skeletons/NAME.skel.h (LIGHT: NAME.lskel.h) in the current build directory; adds that file to the caller's SKELETONS.

find_program(BPF_CLANG clang REQUIRED)
find_program(BPFTOOL bpftool HINTS /usr/sbin /sbin REQUIRED)

if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|amd64)$")
  set(BPF_TARGET_ARCH x86)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  set(BPF_TARGET_ARCH arm64)
else()
  set(BPF_TARGET_ARCH ${CMAKE_SYSTEM_PROCESSOR})
endif()

set(BPF_SYSTEM_INCLUDES -idirafter ${CMAKE_SYSROOT}/usr/include)
if(CMAKE_LIBRARY_ARCHITECTURE)
  list(APPEND BPF_SYSTEM_INCLUDES -idirafter ${CMAKE_SYSROOT}/usr/include/${CMAKE_LIBRARY_ARCHITECTURE})
endif()

function(bpf_skeleton name source)
  cmake_parse_arguments(PARSE_ARGV 2 arg "LIGHT" "" "DEPENDS;DEFINITIONS")
  list(TRANSFORM arg_DEFINITIONS PREPEND -D)
  set(directory ${CMAKE_CURRENT_BINARY_DIR}/skeletons)
  set(skeleton ${directory}/${name}.skel.h)
  set(light)
  if(arg_LIGHT)
    set(skeleton ${directory}/${name}.lskel.h)
    set(light -L)
  endif()
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.bpf.o)
  add_custom_command(
    OUTPUT ${skeleton}
    COMMAND ${BPF_CLANG} -target bpf -g -O2 -Wall -Wextra -D__TARGET_ARCH_${BPF_TARGET_ARCH}
            ${arg_DEFINITIONS} ${BPF_SYSTEM_INCLUDES} -c ${CMAKE_CURRENT_SOURCE_DIR}/${source} -o ${object}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${directory}
    COMMAND ${BPFTOOL} gen skeleton ${light} ${object} name ${name}_bpf > ${skeleton}
    DEPENDS ${source} ${arg_DEPENDS}
    COMMENT "BPF object ${name}" VERBATIM)
  set(SKELETONS ${SKELETONS} ${skeleton} PARENT_SCOPE)
endfunction()
