# Helpers of awl's build.

# Compiler and linker options that every target of ours shares.
add_library(awl_options INTERFACE)
target_compile_options(awl_options INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
  -Wundef -Wvla -fno-strict-aliasing)
target_compile_definitions(awl_options INTERFACE
  _GNU_SOURCE AWL_VERSION="${PROJECT_VERSION}")
if(AWL_WERROR)
  target_compile_options(awl_options INTERFACE -Werror)
endif()
if(AWL_SANITIZE)
  target_compile_options(awl_options INTERFACE
    -fsanitize=${AWL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(awl_options INTERFACE -fsanitize=${AWL_SANITIZE})
endif()

if(AWL_FUZZ)
  target_compile_options(awl_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# Lua, linked statically so that the embedded bytecode always fits.
add_library(awl_lua INTERFACE)
target_include_directories(awl_lua SYSTEM INTERFACE ${LUA_INCLUDE_DIRS})
target_link_libraries(awl_lua INTERFACE ${AWL_LUA_LIBRARY} m dl)

# awl_folder(NAME [USES folder...] [LINKS library...] [SOURCES pattern...])
#
# One folder of runtime/ as a static library awl_NAME. Its files see the headers
# of the folders it USES and of those that these use, and no others: each folder
# is reached through an include directory that holds a link to it alone.
function(awl_folder name)
  cmake_parse_arguments(arg "" "" "USES;LINKS;SOURCES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.c ${arg_SOURCES})
  set(root ${CMAKE_BINARY_DIR}/include/${name})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${root}/${name} SYMBOLIC)
  if(sources)
    add_library(awl_${name} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(awl_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(awl_${name} ${scope} ${root})
  target_link_libraries(awl_${name} ${scope} awl_options)
  foreach(used ${arg_USES})
    target_link_libraries(awl_${name} ${scope} awl_${used})
  endforeach()
  if(arg_LINKS)
    target_link_libraries(awl_${name} ${scope} ${arg_LINKS})
  endif()
endfunction()
