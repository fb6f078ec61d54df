#compdef wechatpay-codegen
# wechatpay-codegen completions zsh > ~/.zfunc/_wechatpay-codegen, with ~/.zfunc in $fpath
_wechatpay-codegen() {
    local -a common commands
    common=(
        '--specs[the folder of pages]:folder:_files -/'
        '(-q --quiet)'{-q,--quiet}'[no progress]'
        '(- *)'{-h,--help}'[print the help]'
        '(- *)'{-V,--version}'[print the version]'
    )
    commands=(
        'generate:write the generated client and the index of operations'
        'check:report what is wrong with the pages'
        'learn:make recorded messages a reading'
        'diff:what changed in the API, and for whom'
        'openapi:print the whole surface as an OpenAPI 3.1 document'
        'ir:print what the pages say as JSON'
        'explain:show all stages of a page, or explain a diagnostic'
        'completions:print completions for a shell'
    )
    local state line
    _arguments -C $common '1: :->command' '*:: :->arguments'
    case $state in
        command) _describe command commands ;;
        arguments)
            case $words[1] in
                generate) _arguments $common '--check[compare only]' ;;
                check)
                    _arguments $common '--format[how to print]:format:(human json github)' \
                        '--deny[what fails]:what:(warnings)' '--since[what is new first]:revision and folder:' \
                        '--reading[compare with another reading]:file:_files' ;;
                learn) _arguments $common '--source[the name of the reading]:name:' '1:file:_files' ;;
                diff)
                    _arguments $common '--format[how to print]:format:(human markdown json changelog)' \
                        '--link[the address of the repository'"'"'s files]:address:' \
                        '--since[the last release]:tag:($(git tag 2>/dev/null))' '1:old pages:_files' '2:new pages:_files' ;;
                explain) _arguments $common '1:page or code:_files' ;;
                completions) _arguments $common '1:shell:(bash zsh fish)' ;;
                *) _arguments $common ;;
            esac ;;
    esac
}
if [ "$funcstack[1]" = _wechatpay-codegen ]; then
    _wechatpay-codegen "$@"
else
    compdef _wechatpay-codegen wechatpay-codegen
fi
